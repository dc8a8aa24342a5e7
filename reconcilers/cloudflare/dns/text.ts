/** The most bytes of one character string of a TXT record. */
const stringBytes = 255;

const quotedStrings = /^\s*(?:"(?:[^"\\]|\\.)*"\s*)+$/s;
const quotedString = /"((?:[^"\\]|\\.)*)"/gs;

/**
 * The text of a TXT record. The API returns it as it was sent: bare, or as quoted strings of up to 255 bytes with
 * escapes. `"v=spf1 " "-all"` and `v=spf1 -all` are the same text.
 */
export function decodeText(content: string): string {
  if (!quotedStrings.test(content)) return content;
  return [...content.matchAll(quotedString)].map((match) => unescaped(match[1] ?? '')).join('');
}

/** The text as quoted strings of at most 255 bytes, a form that is the same for every writer. */
export function encodeText(text: string): string {
  const strings: string[] = [];
  let current = '';
  let bytes = 0;
  for (const character of text) {
    const size = new TextEncoder().encode(character).length;
    if (bytes + size > stringBytes) {
      strings.push(current);
      current = '';
      bytes = 0;
    }
    current += character;
    bytes += size;
  }
  strings.push(current);
  return strings.map((string) => `"${string.replace(/["\\]/g, '\\$&')}"`).join(' ');
}

/** The string without escapes: `\DDD` is a byte in decimal, any other escaped character is itself (RFC 1035, 5.1). */
function unescaped(string: string): string {
  if (!string.includes('\\')) return string;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of string.matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gs)) {
    if (part[1] !== undefined && Number(part[1]) < 256) bytes.push(Number(part[1]));
    else bytes.push(...encoder.encode(part[1] ?? part[2] ?? part[3] ?? ''));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
