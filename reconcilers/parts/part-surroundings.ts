/** The facts outside an object on which its part depends. */
export interface PartSurroundings {
  readonly now: Date;
  /** Ids of all reusable Access policies. */
  readonly policies: ReadonlySet<string>;
  /** Ids of the tunnels whose rules were read. */
  readonly ruledTunnels: ReadonlySet<string>;
  /** The organization admits devices wherever an application says nothing about them. */
  readonly admitsDevices: boolean;
  /** Names of the authorization flow of all providers: its id and its address. Undefined: the file names none. */
  readonly usualFlow: ReadonlySet<string> | undefined;
}
