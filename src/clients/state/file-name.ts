/**
 * A file name for any name: letters, digits, `-` and `_` stay, the rest is percent-encoded, so that no name can leave
 * its directory, hide, or collide with another. It never contains a dot: an atomic write appends a dot to the name of
 * its temporary file.
 */
export function fileNameOf(name: string): string {
  return [...Buffer.from(name, 'utf8')].map(encodeByte).join('');
}

/** The names behind the files of a directory, without the remains of killed atomic writes. */
export function namesOfFiles(fileNames: readonly string[]): readonly string[] {
  return fileNames.filter((fileName) => !fileName.includes('.')).map(decodeURIComponent);
}

function encodeByte(byte: number): string {
  const letter = String.fromCharCode(byte);
  return /[A-Za-z0-9_-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
