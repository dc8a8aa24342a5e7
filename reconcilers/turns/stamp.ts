import { randomBytes } from 'node:crypto';

/** Random bytes before the owner: an owner has at most 16 letters, and a tunnel's secret 32 bytes. */
const chance = 16;
const length = 32;

/** A new stamp that names the holder of a turn, as base64 of 32 bytes. Each renewal makes another one. */
export function newStamp(owner: string): string {
  const bytes = Buffer.alloc(length, ' ');
  randomBytes(chance).copy(bytes);
  bytes.write(owner, chance);
  return bytes.toString('base64');
}

/** The owner that a stamp names; empty for any other text. */
export function ownerInStamp(stamp: string): string {
  const name = Buffer.from(stamp, 'base64').subarray(chance).toString().trim();
  return /^[a-z][a-z0-9-]*$/.test(name) ? name : '';
}
