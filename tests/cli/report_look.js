// What a browser makes of the report, told to the page that frames it: tests/cli/report_look_test.cpp.
const faults = [];
addEventListener("error", event => faults.push("error: " + event.message));
console.error = (...words) => faults.push("console: " + words.join(" "));
// Headless, time that is simulated brings no frames.
window.requestAnimationFrame = frame => setTimeout(frame, 16);

// WCAG 2: relative luminance of an sRGB colour, and the contrast of two.
const luminance = ([r, g, b]) => {
  const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
};
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const rgba = text => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));

function background(element) {
  const colours = [];
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) colours.push(colour);
    if (colour[3] === 1) break;
  }
  return colours.reduceRight((below, top) => over(top, below), [255, 255, 255]);
}

function leastContrast() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = {ratio: 21, text: ""}, seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    if (!text || element.closest("script, style, title") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), below = background(element);
    const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
    const ratio = contrast(over(ink, below), below);
    ++seen;
    if (ratio < least.ratio) least = {ratio, text: text.slice(0, 40)};
  }
  return {...least, seen};
}

addEventListener("load", () => setTimeout(() => parent.postMessage({
  faults,
  width: innerWidth,
  needed: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight,
  images: document.images.length,
  undecoded: [...document.images].filter(image => !image.complete || image.naturalWidth === 0).length,
  contrast: leastContrast(),
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  paper: luminance(rgba(getComputedStyle(document.body).backgroundColor)),
}, "*"), 800));
