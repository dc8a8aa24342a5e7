/** A file of `NAME=value` lines and the names of its two lines. */
export interface CredentialSink {
  readonly file: string;
  readonly names: { readonly id: string; readonly secret: string };
}

/** A file of one `NAME=value` line and the name of that line. */
export interface TokenSink {
  readonly file: string;
  readonly names: { readonly token: string };
}
