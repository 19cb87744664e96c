#include "products/report_sections.hpp"

namespace spectile::products {

const char* const kReportScript = R"js(
(() => {
  const data = JSON.parse(document.getElementById("zoom-data").textContent);
  const box = document.getElementById("zoom"), canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d"), where = box.querySelector("output");
  const layers = data.layers.map((layer, i) => ({...layer, images: new Map(), opacity: 1,
    on: box.querySelector(`[data-layer="${i}"]`).checked}));
  let scale = 1, left = 0, top = 0;  // screen pixels a raster pixel; the raster's place in the upper left corner
  let waiting = false;
  const redraw = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  function imageOf(layer, key) {
    let image = layer.images.get(key);
    if (!image) {
      image = new Image();
      image.onload = redraw;
      image.src = layer.tiles[key];
      layer.images.set(key, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }
  function drawLayer(layer) {
    const level = Math.max(layer.finest, Math.min(layer.coarsest, Math.floor(Math.log2(1 / scale) + 0.25)));
    const one = 2 ** level, step = data.tile * one;
    pen.globalAlpha = layer.opacity;
    pen.imageSmoothingEnabled = scale * one < 1;
    const lastColumn = Math.min(data.width, left + canvas.width / scale) / step;
    const lastRow = Math.min(data.height, top + canvas.height / scale) / step;
    for (let row = Math.max(0, Math.floor(top / step)); row < lastRow; ++row)
      for (let column = Math.max(0, Math.floor(left / step)); column < lastColumn; ++column) {
        const key = `${level}/${column}/${row}`;
        const image = key in layer.tiles ? imageOf(layer, key) : null;
        if (image) pen.drawImage(image, (column * step - left) * scale, (row * step - top) * scale,
                                 image.naturalWidth * one * scale, image.naturalHeight * one * scale);
      }
  }
  function draw() {
    waiting = false;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const layer of layers) if (layer.on) drawLayer(layer);
  }
  const least = () => Math.min(canvas.width / data.width, canvas.height / data.height);
  function fit() {
    scale = least();
    left = (data.width - canvas.width / scale) / 2;
    top = (data.height - canvas.height / scale) / 2;
    redraw();
  }
  function zoom(factor, x, y) {
    const wanted = Math.min(32, Math.max(least(), scale * factor));
    left += x / scale - x / wanted;
    top += y / scale - y / wanted;
    scale = wanted;
    redraw();
  }
  function tell(x, y) {
    const column = left + x / scale, row = top + y / scale, g = data.geotransform;
    const inside = column >= 0 && row >= 0 && column < data.width && row < data.height;
    const pixel = `column ${Math.floor(column)}, row ${Math.floor(row)}`;
    const digits = g && Math.abs(g[1]) < 0.01 ? 5 : 1;
    where.textContent = !inside ? "" : !g ? pixel : pixel + "; " +
      (g[0] + column * g[1] + row * g[2]).toFixed(digits) + ", " + (g[3] + column * g[4] + row * g[5]).toFixed(digits);
  }
  const dots = () => window.devicePixelRatio || 1;
  const place = event => [event.offsetX * dots(), event.offsetY * dots()];
  const fingers = new Map();
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
  });
  const lift = event => fingers.delete(event.pointerId);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointermove", event => {
    const [x, y] = place(event), before = fingers.get(event.pointerId);
    tell(x, y);
    if (!before) return;
    const other = [...fingers].find(([id]) => id !== event.pointerId);
    if (other) {
      const [ox, oy] = other[1];
      zoom(Math.hypot(x - ox, y - oy) / Math.max(1, Math.hypot(before[0] - ox, before[1] - oy)), ox, oy);
    } else {
      left -= (x - before[0]) / scale;
      top -= (y - before[1]) / scale;
      redraw();
    }
    fingers.set(event.pointerId, [x, y]);
  });
  canvas.addEventListener("wheel", event => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;  // Until it is clicked the page scrolls.
    event.preventDefault();
    zoom(2 ** (-event.deltaY / 300), ...place(event));
  }, {passive: false});
  canvas.addEventListener("keydown", event => {
    const step = 60 / scale, moves = {ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step]};
    if (event.key in moves) { left += moves[event.key][0]; top += moves[event.key][1]; redraw(); }
    else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 2 : 0.5, canvas.width / 2, canvas.height / 2);
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", event => {
    const factor = event.target.dataset.zoom;
    if (factor === "0") fit();
    else if (factor) zoom(Number(factor), canvas.width / 2, canvas.height / 2);
  });
  box.addEventListener("input", event => {
    const {layer, opacity} = event.target.dataset;
    if (layer !== undefined) layers[layer].on = event.target.checked;
    if (opacity !== undefined) layers[opacity].opacity = event.target.value / 100;
    redraw();
  });
  let shown = 0;
  new ResizeObserver(() => {
    const middle = [left + canvas.width / scale / 2, top + canvas.height / scale / 2];
    canvas.width = canvas.clientWidth * dots();
    canvas.height = canvas.clientHeight * dots();
    if (shown++ === 0) return fit();
    left = middle[0] - canvas.width / scale / 2;
    top = middle[1] - canvas.height / scale / 2;
    redraw();
  }).observe(canvas);
})();
)js";

}  // namespace spectile::products
