// Sheets open by command and commandfor; browsers from before 2025 need these few lines. A tap beside a sheet closes it.
addEventListener("click", (event) => {
  const button = event.target.closest?.("button[commandfor]");
  if (button && !("command" in HTMLButtonElement.prototype)) {
    const sheet = document.getElementById(button.getAttribute("commandfor"));
    button.getAttribute("command") === "close" ? sheet.close() : sheet.showModal();
  }
  if (event.target.matches?.("dialog[open]")) {
    const { left, right, top, bottom } = event.target.getBoundingClientRect();
    const beside = event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
    if (beside && event.clientX + event.clientY > 0) event.target.close();
  }
});

// Typing beside a choice chooses it.
addEventListener("input", (event) => {
  const radio = event.target.matches?.("input[type=radio]") ? null : event.target.closest?.(".choice")?.querySelector("input[type=radio]");
  if (radio) radio.checked = true;
});
