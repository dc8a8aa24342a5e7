/** Nothing of an account is ours to decide: it is looked up for its id alone. */
export type AccountSpec = Readonly<Record<string, never>>;
