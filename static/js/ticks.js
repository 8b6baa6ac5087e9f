// Rows can be ticked; the docked verb says how many it takes: "Acknowledge all 6", "Acknowledge 2".
const word = () => {
  for (const button of document.querySelectorAll("[data-ticks]")) {
    const ticked = document.querySelectorAll(`input[type=checkbox][form="${button.form?.id}"]:checked`).length;
    button.querySelector(".verb span").textContent = ticked ? `${button.dataset.ticks} ${ticked}` : button.dataset.all;
  }
};
addEventListener("change", word);
addEventListener("nb:shown", word);
