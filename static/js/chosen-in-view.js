// A row of links that is wider than the screen begins with the chosen one in view; without this one scrolls to it.
for (const chosen of document.querySelectorAll(".chips > [aria-current], .tabs [aria-current]")) {
  const row = chosen.closest(".chips, .tabs");
  const [here, there] = [row.getBoundingClientRect(), chosen.getBoundingClientRect()];
  if (there.right > here.right || there.left < here.left) row.scrollLeft += there.left - here.left - (here.width - there.width) / 2;
}
