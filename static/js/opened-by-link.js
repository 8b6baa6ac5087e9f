// A link to what is folded opens it, also where the browser does not by itself.
addEventListener("click", ({ target }) => {
  const link = target.closest('a[href^="#"]');
  const folded = link && document.getElementById(link.hash.slice(1))?.closest("details");
  if (folded) folded.open = true;
});
