// <local-time zone>: a moment in the viewer's zone; a tap shows the zone named, and back.
class LocalTime extends HTMLElement {
  connectedCallback() {
    const zone = this.getAttribute("zone");
    const mine = document.documentElement.dataset.zone;
    this.line = this.querySelector("time");
    if (!this.line || !zone || zone === mine) return;
    this.words = [this.line.textContent, moment(this.line.dateTime, zone)];
    this.tabIndex = 0;
    this.setAttribute("role", "button");
    this.title = `Show the time in ${zone}`;
    this.onclick = () => this.turn();
    this.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.turn(); } };
  }
  turn() {
    this.words.reverse();
    this.line.textContent = this.words[0];
  }
}

/** "Thu 12 Nov, 03:10 GMT", in the zone given or the browser's. */
export function moment(iso, timeZone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short", timeZone,
  }).formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${parts.weekday} ${parts.day} ${parts.month}, ${parts.hour}:${parts.minute} ${parts.timeZoneName}`;
}
customElements.define("local-time", LocalTime);
