// <week-chart>: puts what carries data-left and data-width (percent) in its place. Styles in the markup are not allowed here.
class WeekChart extends HTMLElement {
  connectedCallback() {
    for (const part of this.querySelectorAll("[data-left]")) {
      part.style.left = `${part.dataset.left}%`;
      if (part.dataset.width) part.style.width = `${part.dataset.width}%`;
    }
  }
}
customElements.define("week-chart", WeekChart);
