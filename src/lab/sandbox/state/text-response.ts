type Reading =
  | 'body'
  | 'bodyUsed'
  | 'text'
  | 'json'
  | 'arrayBuffer'
  | 'bytes'
  | 'blob'
  | 'formData'
  | 'clone';

/** `Response`, whose own type forbids other ways of reading. */
const Bodiless: new (body: null, init: ResponseInit) => Omit<Response, Reading> = Response;

/**
 * A response with a text. The stream that every other `Response` makes of a text takes longer than most answers of the
 * sandbox, and almost nobody reads it: this response makes it when somebody does.
 */
export class TextResponse extends Bodiless implements Response {
  readonly #text: string;
  /** An ordinary response of the same text, once somebody asks for more than the text. */
  #ordinary: Response | undefined;
  #isRead = false;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.#text = text;
  }

  get body(): Response['body'] {
    return this.#asOrdinary().body;
  }

  get bodyUsed(): boolean {
    return this.#ordinary?.bodyUsed ?? this.#isRead;
  }

  async text(): Promise<string> {
    if (this.#isRead || this.#ordinary !== undefined) return this.#asOrdinary().text();
    this.#isRead = true;
    return this.#text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#asOrdinary().arrayBuffer();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async blob(): Promise<Blob> {
    return this.#asOrdinary().blob();
  }

  async formData(): Promise<FormData> {
    return this.#asOrdinary().formData();
  }

  clone(): Response {
    return this.#asOrdinary().clone();
  }

  #asOrdinary(): Response {
    if (this.#ordinary !== undefined) return this.#ordinary;
    const { status, statusText, headers } = this;
    this.#ordinary = new Response(this.#text, { status, statusText, headers });
    // A body is read once: the ordinary response refuses to be read again.
    if (this.#isRead) void this.#ordinary.text();
    return this.#ordinary;
  }
}
