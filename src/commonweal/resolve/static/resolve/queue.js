// One key an answer: the letter on a button presses it, unless somebody is writing. Without this file the buttons and
// their access keys do the same.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const wanted = event.key.toLowerCase();
  const target = [...document.querySelectorAll("[accesskey]")].find((each) => each.accessKey === wanted);
  if (target) {
    event.preventDefault();
    target.click();
  } else if (wanted === "z") {
    document.querySelector('form[action$="/resolve/undo"] button')?.click();
  }
});
