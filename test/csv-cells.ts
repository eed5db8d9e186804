/** Cells of lines of CSV for tests that change source files: quotation marks, no line ends in cells. */
export function splitLine(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line[i];
    if (letter === '"' && isQuoted && line[i + 1] === '"') cell += line[++i];
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === ',' && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  return [...cells, cell];
}

/** Names of columns, without the mark that a spreadsheet puts first. */
export const readHeader = (line: string): string[] => splitLine(line.replace(/^\uFEFF/, ''));
