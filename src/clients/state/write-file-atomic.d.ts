declare module 'write-file-atomic' {
  /** Writes a temporary file next to the target, flushes it and renames it into place. */
  function writeFileAtomic(
    file: string,
    data: string | Uint8Array,
    options?: { mode?: number | false },
  ): Promise<void>;
  export = writeFileAtomic;
}
