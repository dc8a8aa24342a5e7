import type { Mistake } from '../../core/mistake.ts';
import { MAX_BYTES } from '../../core/sources/collect-files.ts';

/** The text of the file, or the reason why the bytes are not text. */
export function readText(source: Uint8Array | string): { text: string } | { mistake: Mistake } {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  if (bytes.byteLength > MAX_BYTES) {
    return {
      mistake: mistakeAt(
        '',
        0,
        'the file is larger than 1 MiB',
        'split it between two owners, each with a file',
      ),
    };
  }
  // Fatal mode would only report that a byte is wrong, not which one.
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = brokenIndex(text, bytes);
  if (broken !== -1) {
    return {
      mistake: mistakeAt(text, broken, 'the file is not UTF-8 from here on', 'save it as UTF-8 text'),
    };
  }
  const control = text.search(CONTROL);
  if (control !== -1) {
    return {
      mistake: mistakeAt(
        text,
        control,
        'a control character is not allowed here',
        'gates.yaml is plain text: remove it',
      ),
    };
  }
  return { text };
}

// YAML allows only tabs and line breaks of the control characters (C0).
const CONTROL = /(?![\t\n\r\u0085])\p{Cc}|[\ufffe\uffff]/u;

/** Index of the first replacement character that stands for a broken byte, and not for U+FFFD in the file. */
function brokenIndex(text: string, bytes: Uint8Array): number {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let offset = bom;
  let counted = 0;
  for (let index = text.indexOf('\ufffd'); index !== -1; index = text.indexOf('\ufffd', index + 1)) {
    offset += Buffer.byteLength(text.slice(counted, index));
    counted = index;
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return index;
  }
  return -1;
}

function mistakeAt(text: string, index: number, message: string, hint: string): Mistake {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = index - lineStart + 1;
  return { severity: 'error', rule: 'file-unreadable', line, column, message, hint, path: '' };
}
