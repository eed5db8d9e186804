/** A report as data, drawn the same by Typst and on the page. All its words are plain text. */

export interface Table {
  title: string;
  columns: { title: string; align: 'left' | 'right' }[];
  /** `key` links a row with a mark of a map. */
  rows: { key?: string; cells: string[] }[];
  /** Said beneath the table. */
  note?: string;
  /** Every column but the first holds sentences: on paper they share the room evenly. */
  wordy?: true;
}

export interface Picture {
  title: string;
  /** SVG, finished. */
  svg: string;
  alt: string;
  /** One line that says what the picture shows. */
  reading: string;
  note?: string;
}

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'subheading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'points'; items: string[] }
  | { kind: 'terms'; items: { term: string; text: string }[] }
  | { kind: 'table'; table: Table }
  | { kind: 'picture'; picture: Picture }
  /** What the marks of the pictures that follow mean; `svg` is a small drawing of the mark. */
  | { kind: 'key'; items: { svg: string; text: string }[] }
  /** Two at a time, side by side; one below the other where there is no room. */
  | { kind: 'pair'; left: Block[]; right: Block[]; wide?: 'left' }
  /** In the PDF alone: the page shows the same in another way. */
  | { kind: 'paper'; blocks: Block[] }
  /** On one page of the PDF, where they are not longer than a page. */
  | { kind: 'keep'; blocks: Block[] }
  | { kind: 'newpage' };

/** A sentence whose beginning stands out. */
export interface Message {
  lead: string;
  text: string;
}

/** The maps of a report, one a source, each with the whole list that belongs to it. */
export interface MapSheet {
  source: string;
  picture: Picture;
  table: Table;
}

export interface ReportDocument {
  title: string;
  partnership: string;
  subtitle: string;
  /** Who may read it; it decides the colour of the marking, and stands on every page. */
  tier: 'public' | 'partnership' | 'operational';
  /** Name of the disclosure policy in force; it stands on every page. */
  policy: string;
  /** Lines that stand on every page. */
  marking: string[];
  /** The date that the file carries. */
  date: { year: number; month: number; day: number };
  messagesTitle: string;
  /** Three or four plain sentences. */
  messages: Message[];
  /** What the page shows as one interactive map; the PDF has its maps among its blocks. */
  maps: MapSheet[];
  /** First page of the PDF, in place of the interactive map. */
  front: Block[];
  /** The rest, the same in both. */
  body: Block[];
  /** At the end of the PDF alone. */
  appendix: Block[];
}
