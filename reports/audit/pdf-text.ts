// What can be read out of a PDF: the words of its pages, and what its file says of itself.
import { extractText, getDocumentProxy, getMeta } from 'unpdf';

/** The text of the pages in order, one a page, and the document's own metadata as text. */
export async function pdfText(bytes: Uint8Array): Promise<{ pages: string[]; about: string }> {
  // The reader takes over the memory that it is given.
  const document = await getDocumentProxy(Uint8Array.from(bytes));
  const { text } = await extractText(document, { mergePages: false });
  const { info, metadata } = await getMeta(document);
  const attachments = await document.getAttachments();
  await document.cleanup();
  const about = { ...info, ...Object.fromEntries(metadata ?? []), ...(attachments ? { attachments } : {}) };
  return { pages: text, about: JSON.stringify(about) };
}
