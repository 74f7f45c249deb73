import { sources } from './source-files.ts';

/** A Markdown file of the work tree. */
export type Document = {
  /** Below the top, with '/'. */
  readonly path: string;
  readonly text: string;
};

/** A link or an image of a document. */
export type DocumentLink = {
  readonly isImage: boolean;
  /** As written, without a title. */
  readonly target: string;
};

/** All Markdown files of the work tree. */
export function documents(): readonly Document[] {
  return sources(/\.md$/);
}

/** Removes fenced and indented code, and code spans: what is left is text with links. */
export function proseOf(text: string): string {
  return text
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/^ {4}.*$/gm, '')
    .replace(/`[^`\n]*`/g, '``');
}

/** What stands in code spans, and the lines of fenced and indented blocks. */
export function codeOf(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].flatMap(([, body = '']) => body.split('\n'));
  const indented = [...text.matchAll(/^ {4}(.*)$/gm)].map(([, line = '']) => line);
  const spans = [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span = '']) => span,
  );
  return [...fenced, ...indented, ...spans];
}

/** The bodies of fenced blocks in one language. */
export function blocksOf(text: string, language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(([, body = '']) => body);
}

/** Inline links and images, addresses of the web among them. */
export function linksOf(text: string): readonly DocumentLink[] {
  return [...proseOf(text).matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)[^)]*\)/g)].map(([, bang, target = '']) => ({
    isImage: bang === '!',
    target,
  }));
}

/** Anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(text: string): readonly string[] {
  return [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
