const prefix = 'gates-turn-';

/** The name of the object that holds the turn of the tunnel or outpost with this id. */
export function turnName(id: string): string {
  return `${prefix}${id}`;
}

/** True if an object of this name holds a turn: it belongs to nobody, and gates lists it nowhere. */
export function isTurnName(name: string): boolean {
  return name.startsWith(prefix);
}
