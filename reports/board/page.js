// The board page: one map at a time, moved and zoomed, each cell linked with its line in the list.

const MOST = 12;

for (const sheet of document.querySelectorAll('.sheet')) enliven(sheet);
const sheets = [...document.querySelectorAll('.sheet')];
show(0);
for (const choice of document.querySelectorAll('.sources input')) {
  choice.addEventListener('change', () => show(Number(choice.value)));
}

function show(chosen) {
  sheets.forEach((sheet, i) => {
    sheet.hidden = i !== chosen;
  });
}

function enliven(sheet) {
  const map = sheet.querySelector('svg.map');
  const view = map.querySelector('.view');
  const fixed = [...map.querySelectorAll('.view .fixed')];
  const frame = map.querySelector('clipPath rect');
  const size = { width: Number(frame.getAttribute('width')), height: Number(frame.getAttribute('height')) };
  const scale = map.querySelector('.scale text');
  const kilometres = Number(map.querySelector('.scale').dataset.kilometres);
  const told = sheet.querySelector('.told');
  // Drawn above the cells beside it, which would cover half of an outline of its own.
  const choice = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  choice.setAttribute('class', 'choice');
  view.insertBefore(choice, map.querySelector('.places'));
  const marks = new Map();
  const lines = new Map();
  const at = { x: 0, y: 0, zoom: 1 };

  map.setAttribute('role', 'group');
  for (const mark of map.querySelectorAll('.cells [data-key], .places [data-key]')) prepare(mark);
  for (const line of sheet.querySelectorAll('tr[data-key]')) lines.set(line.dataset.key, line);
  marks.values().next().value?.setAttribute('tabindex', '0');

  // The browser's own tooltip would lie over the one line that says the same; its words become the label.
  function prepare(mark) {
    const title = mark.querySelector('title');
    mark.setAttribute('aria-label', title.textContent);
    mark.setAttribute('role', 'img');
    mark.setAttribute('tabindex', '-1');
    title.remove();
    marks.set(mark.dataset.key, mark);
  }

  function place() {
    at.zoom = Math.min(MOST, Math.max(1, at.zoom));
    at.x = Math.min(0, Math.max(size.width * (1 - at.zoom), at.x));
    at.y = Math.min(0, Math.max(size.height * (1 - at.zoom), at.y));
    view.setAttribute('transform', `translate(${at.x} ${at.y}) scale(${at.zoom})`);
    for (const label of fixed) {
      label.setAttribute(
        'transform',
        `translate(${label.dataset.x} ${label.dataset.y}) scale(${1 / at.zoom})`,
      );
    }
    const length = kilometres / at.zoom;
    scale.textContent =
      length < 1 ? `${Math.round(100 * length) * 10} m` : `${Math.round(10 * length) / 10} km`;
    map.classList.toggle('zoomed', at.zoom > 1);
  }

  function zoom(factor, x = size.width / 2, y = size.height / 2) {
    const before = at.zoom;
    at.zoom = Math.min(MOST, Math.max(1, before * factor));
    at.x = x - ((x - at.x) * at.zoom) / before;
    at.y = y - ((y - at.y) * at.zoom) / before;
    place();
  }

  function zoomBy(action) {
    if (action === 'all') at.zoom = 1;
    else zoom(action === 'in' ? 1.6 : 1 / 1.6);
    place();
  }

  /** Where in the drawing's own units the pointer is. */
  function pointOf(event) {
    const box = map.getBoundingClientRect();
    // The drawing keeps its proportions: whatever is left over lies on both sides of it.
    const scale = Math.min(box.width / map.viewBox.baseVal.width, box.height / map.viewBox.baseVal.height);
    const left = (box.width - map.viewBox.baseVal.width * scale) / 2;
    const top = (box.height - map.viewBox.baseVal.height * scale) / 2;
    return { x: (event.clientX - box.left - left) / scale, y: (event.clientY - box.top - top) / scale };
  }

  function tell(key, fromMap) {
    const mark = marks.get(key);
    const line = lines.get(key);
    for (const chosen of sheet.querySelectorAll('.chosen')) chosen.classList.remove('chosen');
    for (const one of [mark, line]) one?.classList.add('chosen');
    choice.setAttribute('d', mark?.closest('.cells') ? mark.getAttribute('d') : '');
    told.textContent = mark
      ? mark.getAttribute('aria-label')
      : `${line.cells[0].textContent}. ${line.cells[1].textContent}: ${line.cells[2].textContent}`;
    if (fromMap && line) scrollTo(line);
    if (!fromMap && mark) bringIntoView(mark);
  }

  // Within the list alone: the page itself stays where the reader left it.
  function scrollTo(line) {
    const list = sheet.querySelector('.list');
    const top = line.offsetTop - list.offsetTop - list.clientHeight / 2;
    list.scrollTop = Math.max(0, top);
  }

  function middleOf(mark) {
    const box = mark.getBBox();
    const group = mark.closest('.fixed');
    if (group) return { x: Number(group.dataset.x), y: Number(group.dataset.y) };
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  function bringIntoView(mark) {
    const { x, y } = middleOf(mark);
    const seen = { x: x * at.zoom + at.x, y: y * at.zoom + at.y };
    if (seen.x > 0 && seen.y > 0 && seen.x < size.width && seen.y < size.height) return;
    at.x = size.width / 2 - x * at.zoom;
    at.y = size.height / 2 - y * at.zoom;
    place();
  }

  /** The nearest mark in the direction of an arrow key, sideways distance counting double. */
  function neighbour(from, dx, dy) {
    const start = middleOf(from);
    let best;
    let least = Number.POSITIVE_INFINITY;
    for (const mark of marks.values()) {
      const { x, y } = middleOf(mark);
      const along = (x - start.x) * dx + (y - start.y) * dy;
      const aside = Math.abs((x - start.x) * dy - (y - start.y) * dx);
      if (along > 0.1 && along + 2 * aside < least) {
        least = along + 2 * aside;
        best = mark;
      }
    }
    return best;
  }

  function focusMark(mark) {
    for (const other of marks.values()) other.setAttribute('tabindex', '-1');
    mark.setAttribute('tabindex', '0');
    mark.focus({ preventScroll: true });
    bringIntoView(mark);
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  map.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) {
      at.x -= arrow[0] * 40;
      at.y -= arrow[1] * 40;
      place();
    } else if (arrow) {
      const next = neighbour(event.target, arrow[0], arrow[1]);
      if (next) focusMark(next);
    } else if (event.key === '+' || event.key === '=') zoomBy('in');
    else if (event.key === '-') zoomBy('out');
    else if (event.key === '0') zoomBy('all');
    else return;
    event.preventDefault();
  });

  map.addEventListener(
    'wheel',
    (event) => {
      // Without a key the wheel scrolls the page, unless the map has been entered already.
      if (!event.ctrlKey && at.zoom === 1 && event.deltaY > 0) return;
      event.preventDefault();
      const { x, y } = pointOf(event);
      zoom(Math.exp(-event.deltaY / 400), x, y);
    },
    { passive: false },
  );

  const held = new Map();
  let moved = 0;
  map.addEventListener('pointerdown', (event) => {
    held.set(event.pointerId, pointOf(event));
    moved = 0;
  });
  map.addEventListener('pointermove', (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor =
        Math.hypot(now.x - other.x, now.y - other.y) /
        Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      zoom(factor, other.x, other.y);
    } else if (at.zoom > 1) {
      at.x += now.x - before.x;
      at.y += now.y - before.y;
      place();
    }
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    // Taken only once it moves: taken at once, no cell would ever be clicked.
    if (moved > 3 && at.zoom > 1) map.setPointerCapture(event.pointerId);
    held.set(event.pointerId, now);
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
    map.addEventListener(end, (event) => held.delete(event.pointerId));
  }

  const keyOf = (event) => event.target.closest('[data-key]')?.dataset.key;
  map.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse' && held.size === 0 && keyOf(event)) tell(keyOf(event), true);
  });
  map.addEventListener('click', (event) => {
    if (moved < 4 && keyOf(event)) tell(keyOf(event), true);
  });
  map.addEventListener('focusin', (event) => {
    if (keyOf(event)) tell(keyOf(event), true);
  });
  for (const [key, line] of lines) {
    for (const kind of ['pointerenter', 'focus', 'click'])
      line.addEventListener(kind, () => tell(key, false));
  }
  sheet.querySelector('.zoom').addEventListener('click', (event) => {
    const action = event.target.dataset.zoom;
    if (action) zoomBy(action);
  });
}
