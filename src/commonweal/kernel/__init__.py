"""The ground floor: plain Python values that every room shares. No Django, no network, no clock."""
