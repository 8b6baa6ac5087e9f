// <figure-plot name src height>: one figure, drawn when it comes near the view, in light or dark as the page is. All
// figures of a page come in one answer. Its heading is text of the page, which breaks where the screen ends and grows
// with the reader's letters. Without it the sentence above and the table below, which opens then, say the same.

// plotly writes style attributes, which the page's policy refuses; the same words set as properties are allowed.
const setAttribute = Element.prototype.setAttribute;
SVGElement.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
const answers = new Map(); // address -> the figures that are on their way or here

function figuresFrom(address) {
  if (!answers.has(address)) answers.set(address, ask(address).catch((problem) => { answers.delete(address); throw problem; }));
  return answers.get(address);
}
async function ask(address) {
  const response = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(30_000) });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return response.json();
}

const COLOURED = /(<span style="color:#\w+">[^<]*<\/span>)/;
const element = (name, className, ...inside) => {
  const made = Object.assign(document.createElement(name), { className });
  made.append(...inside);
  return made;
};

// A line of the heading, which breaks between its parts. Of what plotly reads as HTML its breaks and its coloured
// words are followed; the rest stays text.
function line(css, words) {
  const parts = words.split(/<br>| · /).map((part, place, all) => element("span", "part",
    ...part.split(COLOURED).map(word), place < all.length - 1 ? "\u00a0·" : ""));
  return element("p", css, ...parts.flatMap((part) => [part, " "]));
}
function word(text) {
  const [, colour, inside] = text.match(/^<span style="color:(#\w+)">([^<]*)/) ?? [];
  if (!colour) return text;
  const made = element("span", "", inside);
  made.style.color = colour;
  return made;
}

class FigurePlot extends HTMLElement {
  plot = element("div", "plot");

  connectedCallback() {
    const height = Number(this.getAttribute("height"));
    if (height) this.style.minHeight = `${height}px`;
    this.near = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      this.near.disconnect();
      this.draw();
      dark.addEventListener("change", this.again);
    }, { rootMargin: "300px" });
    this.near.observe(this);
  }
  disconnectedCallback() {
    this.near.disconnect();
    dark.removeEventListener("change", this.again);
    globalThis.Plotly?.purge(this.plot);
  }
  again = () => this.draw();
  // A point leads to what stands behind it; the table's first cell leads there as well.
  leadOn() {
    const links = JSON.parse(this.getAttribute("links") || "{}");
    if (this.listens || !Object.keys(links).length) return;
    this.listens = true;
    this.toggleAttribute("clickable", true);
    this.plot.on("plotly_click", ({ points }) => {
      const [point] = points;
      const href = [point.x, point.y, point.text, point.data.name].map((word) => links[String(word).slice(0, 10)] ?? links[word]).find(Boolean);
      if (href) location.assign(point.data.type === "heatmap" ? `${href}&hour=${point.x}` : href);
    });
  }
  // The heading above the plot, which gets the room that is left, as plotly's own title would take it.
  headed({ title, ...layout }) {
    const { text, subtitle } = title;
    const marks = subtitle?.text?.split(/(?<=<\/span>)<br>/) ?? []; // the key of severities has a line of its own
    this.replaceChildren(line("subtitle", text), ...marks.filter(Boolean).map((each) => line("marks", each)), this.plot);
    const taken = this.plot.getBoundingClientRect().top - this.getBoundingClientRect().top;
    return { ...layout, height: layout.height - Math.min(taken, layout.margin.t), margin: { ...layout.margin, t: 8 } };
  }
  async draw() {
    this.setAttribute("aria-busy", "true");
    try {
      const figures = await figuresFrom(`${this.getAttribute("src")}&theme=${theme()}`);
      const { data, layout } = structuredClone(figures[this.getAttribute("name")]); // plotly writes into what it is given
      await Plotly.react(this.plot, data, this.headed(layout), figures.config);
      this.leadOn();
      this.setAttribute("state", "drawn");
    } catch {
      this.setAttribute("state", "failed");
      this.style.minHeight = "";
      this.textContent = "The figure could not be drawn. The table says the same.";
      const table = this.closest(".figure-card")?.querySelector("details");
      if (table) table.open = true;
    } finally {
      this.removeAttribute("aria-busy");
    }
  }
}
customElements.define("figure-plot", FigurePlot);
