/** One message to people: that something changed for the worse, or that it is good again. No secrets. */
export interface Notice {
  /** The same change of state has the same id, also when it is sent twice. */
  readonly id: string;
  /** When it was found; of what was held back, when it is told. RFC 3339. */
  readonly at: string;
  /** `alarm`: strangers may get by · `trouble`: somebody has to look at it · `good`: it is over. */
  readonly tone: 'alarm' | 'trouble' | 'good';
  /** The event, in one line. */
  readonly title: string;
  /** Details, one a line: places in the file, the words of an API. */
  readonly details: readonly string[];
  /** Since when, or for how long, as people read it. */
  readonly since: string;
  /** The action to take; absent if there is none. */
  readonly advice?: string;
  /** That this is the last one for a while, and where the rest can be read; or that it was held back, and since when. */
  readonly more?: string;
}
