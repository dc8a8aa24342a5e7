export type RecordType =
  | 'A'
  | 'AAAA'
  | 'CAA'
  | 'CNAME'
  | 'DS'
  | 'HTTPS'
  | 'LOC'
  | 'MX'
  | 'NAPTR'
  | 'NS'
  | 'PTR'
  | 'SRV'
  | 'SSHFP'
  | 'SVCB'
  | 'TLSA'
  | 'TXT'
  | 'URI';

/** A DNS record of the `dns` section. Either `content` or `data` is set, depending on the type. */
export interface PlainRecord {
  /** The zone, lower case. */
  readonly zone: string;
  /** In full and in lower case. */
  readonly name: string;
  readonly type: RecordType;
  readonly content: string | undefined;
  readonly data: Readonly<Record<string, string | number>> | undefined;
  readonly priority: number | undefined;
  /** Seconds; 1 means that Cloudflare chooses. */
  readonly ttl: number;
  readonly proxied: boolean;
  /** The author's comment, without the owner's mark. */
  readonly comment: string | undefined;
  /** Undefined: the file does not decide. */
  readonly tags: readonly string[] | undefined;
  readonly protect: boolean;
  readonly ignore: readonly string[];
}
