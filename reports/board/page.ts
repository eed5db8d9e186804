/** The report as one HTML file: no network, no storage; works from a disk, on a phone, on paper and read aloud. */
import { createHash } from 'node:crypto';
import { readAsset } from './asset.ts';
import type { Block, MapSheet, Picture, ReportDocument, Table } from './document.ts';
import { footing } from './footing.ts';
import { type Markup, tag, text } from './svg.ts';

/** The whole page. Only its own style and script may run; nothing may be loaded. */
export function boardPage(document: ReportDocument): string {
  const style = readAsset('page.css') + pageMargins(document);
  const script = readAsset('page.js');
  const policy = [
    "default-src 'none'",
    `style-src '${digest(style)}'`,
    `script-src '${digest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const head = [
    tag('meta', { charset: 'utf-8' }),
    tag('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    tag('meta', { name: 'referrer', content: 'no-referrer' }),
    tag('title', {}, text(`${document.title}: ${document.partnership}`)),
  ];
  const markup = [...head.map((one) => one.markup), `<style>${style}</style>`].join('\n');
  return `<!doctype html>\n<html lang="en-GB">\n<head>\n${markup}\n</head>\n${body(document).markup.replace('</body>', '')}\n<script>${script}</script>\n</body>\n</html>\n`;
}

/** The marking in the margins of each printed page. */
function pageMargins(document: ReportDocument): string {
  const margin = (lines: readonly string[]) =>
    `content: ${JSON.stringify(lines.join('   |   ')).replaceAll('<', '\\3c ')}; color: #9b1c1c; font: 600 9pt sans-serif;`;
  const lines = document.marking;
  return `@page { size: A4; margin: 17mm 14mm; @top-center { ${margin(lines)} } @bottom-center { ${margin([...lines, footing(document)])} } }\n`;
}

function digest(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

function body(document: ReportDocument): Markup {
  return tag(
    'body',
    {},
    tag('a', { class: 'skip', href: '#main' }, text('Skip to the report')),
    marking('header', document),
    tag(
      'main',
      { id: 'main' },
      tag('p', { class: 'kicker' }, text(document.partnership)),
      tag('h1', {}, text(document.title)),
      tag(
        'section',
        { class: 'messages' },
        tag('h2', {}, text(document.messagesTitle)),
        tag(
          'ul',
          {},
          ...document.messages.map((message) =>
            tag('li', {}, tag('strong', {}, text(message.lead)), text(` ${message.text}`)),
          ),
        ),
      ),
      ...mapSection(document.maps),
      ...document.body.map(drawBlock),
    ),
    marking('footer', { marking: [...document.marking, footing(document)] }),
  );
}

function marking(element: 'header' | 'footer', { marking: lines }: Pick<ReportDocument, 'marking'>): Markup {
  return tag(element, { class: 'marking' }, ...lines.map((line) => tag('p', {}, text(line))));
}

function mapSection(maps: MapSheet[]): Markup[] {
  if (maps.length === 0) return [];
  const choice = maps.map((map, i) =>
    tag(
      'label',
      {},
      // Written as a pair: an attribute without a value is not XML.
      tag('input', { type: 'radio', name: 'source', value: i, checked: i === 0 ? 'checked' : undefined }),
      text(map.source),
    ),
  );
  return [
    tag(
      'section',
      { class: 'maps', 'aria-labelledby': 'map-heading' },
      tag('h2', { id: 'map-heading' }, text('Where to look')),
      ...(maps.length > 1
        ? [tag('fieldset', { class: 'sources' }, tag('legend', {}, text('Source')), ...choice)]
        : []),
      ...maps.map(drawSheet),
    ),
  ];
}

function drawSheet({ picture, table, source }: MapSheet): Markup {
  return tag(
    'div',
    { class: 'sheet', 'data-sheet': source },
    tag('h3', {}, text(picture.title)),
    tag('p', { class: 'reading' }, text(picture.reading)),
    tag(
      'div',
      { class: 'map-and-list' },
      tag(
        'div',
        { class: 'map-box' },
        { markup: picture.svg },
        tag(
          'div',
          { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
          button('in', '+', 'Zoom in'),
          button('out', '−', 'Zoom out'),
          button('all', 'All', 'Show the whole map'),
        ),
        tag(
          'p',
          { class: 'told', 'aria-live': 'polite' },
          text('Point at a cell, or choose a line of the list.'),
        ),
        tag(
          'p',
          { class: 'keys' },
          text(
            'Keys on the map: arrows go from cell to cell, with Shift they move the map; + and − zoom; 0 shows all.',
          ),
        ),
      ),
      tag(
        'div',
        { class: 'list', tabindex: 0, role: 'region', 'aria-label': `${table.title}: ${source}` },
        drawTable(table),
      ),
    ),
  );
}

function button(action: string, sign: string, name: string): Markup {
  return tag('button', { type: 'button', 'data-zoom': action, 'aria-label': name, title: name }, text(sign));
}

function drawBlock(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return tag('h2', {}, text(block.text));
    case 'subheading':
      return tag('h3', {}, text(block.text));
    case 'text':
      return tag('p', {}, text(block.text));
    case 'points':
      return tag('ul', {}, ...block.items.map((item) => tag('li', {}, text(item))));
    case 'terms':
      return tag(
        'dl',
        {},
        ...block.items.flatMap(({ term, text: words }) => [
          tag('dt', {}, text(term)),
          tag('dd', {}, text(words)),
        ]),
      );
    case 'table':
      return tag('div', { class: 'wide' }, drawTable(block.table));
    case 'picture':
      return drawPicture(block.picture);
    case 'key':
      return tag(
        'ul',
        { class: 'key' },
        // The drawing says nothing that its words do not.
        ...block.items.map((item) =>
          tag(
            'li',
            {},
            { markup: item.svg.replace('<svg ', '<svg aria-hidden="true" ') },
            text(` ${item.text}`),
          ),
        ),
      );
    case 'pair':
      return tag(
        'div',
        { class: 'pair' },
        tag('div', {}, ...block.left.map(drawBlock)),
        tag('div', {}, ...block.right.map(drawBlock)),
      );
    case 'keep':
      return tag('div', {}, ...block.blocks.map(drawBlock));
    case 'paper':
    case 'newpage':
      return text('');
  }
}

function drawPicture({ title, svg, reading, note }: Picture): Markup {
  return tag(
    'figure',
    {},
    tag('h3', {}, text(title)),
    tag('p', { class: 'reading' }, text(reading)),
    { markup: svg.replace('<svg ', '<svg role="img" ') },
    ...(note ? [tag('figcaption', {}, text(note))] : []),
  );
}

function drawTable({ title, columns, rows, note }: Table): Markup {
  const side = (i: number) => (columns[i]?.align === 'right' ? 'number' : undefined);
  const head = columns.map((column, i) => tag('th', { scope: 'col', class: side(i) }, text(column.title)));
  const lines = rows.map(({ key, cells }) =>
    tag(
      'tr',
      { 'data-key': key, tabindex: key ? 0 : undefined },
      ...cells.map((cell, i) => tag('td', { class: side(i) }, text(cell))),
    ),
  );
  return tag(
    'div',
    {},
    tag(
      'table',
      {},
      tag('caption', {}, text(title)),
      tag('thead', {}, tag('tr', {}, ...head)),
      tag('tbody', {}, ...lines),
    ),
    ...(note ? [tag('p', { class: 'note' }, text(note))] : []),
  );
}
