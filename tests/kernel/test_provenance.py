from hypothesis import given
from hypothesis import strategies as st

from commonweal.kernel.provenance import Provenance

known = st.none() | st.text(min_size=1)


@given(st.builds(Provenance, st.text(min_size=1), known, known, known, known))
def test_json_round_trip_leaves_out_the_unknown(provenance):
    data = provenance.to_json()
    assert Provenance.from_json(data) == provenance
    assert None not in data.values()
