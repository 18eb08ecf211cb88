"use strict";
const light = (number) => {
  for (const svg of document.querySelectorAll("svg")) {
    svg.classList.toggle("dimmed", number !== null);
    for (const box of svg.querySelectorAll(".lit")) box.classList.remove("lit");
    if (number !== null)
      for (const box of svg.querySelectorAll(`[data-step="${number}"]`)) box.classList.add("lit");
  }
};
const inView = (box) => {
  const canvas = box.closest(".canvas");
  const place = box.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
  canvas.scrollBy({
    left: place.left - frame.left - frame.width / 2 + place.width / 2,
    top: place.top - frame.top - frame.height / 2 + place.height / 2,
  });
};
document.addEventListener("click", (event) => {
  const box = event.target.closest(".touched"), zoom = event.target.closest("[data-zoom]");
  if (box) {
    const step = document.getElementById(`step-${box.dataset.step}`);
    step.open = true;
    step.scrollIntoView({ block: "center", behavior: "smooth" });
  }
  if (zoom)
    for (const svg of zoom.closest("figure").querySelectorAll("svg"))
      for (const side of ["width", "height"])
        svg.setAttribute(side, svg.getAttribute(side) * zoom.dataset.zoom);
});
document.addEventListener("toggle", (event) => {
  const template = event.target.querySelector(":scope > template");
  if (template) template.replaceWith(template.content);
}, true);
for (const step of document.querySelectorAll(".step")) {
  const number = step.id.slice("step-".length);
  step.addEventListener("mouseenter", () => {
    light(number);
    for (const name of ["before", "after"]) {
      const box = document.getElementById(`${name}-${number}`);
      if (box) inView(box);
    }
  });
  step.addEventListener("mouseleave", () => light(null));
}
for (const name of ["before", "after"]) {
  const box = document.querySelector(`[id^="${name}-"]`);
  if (box) inView(box);
}
