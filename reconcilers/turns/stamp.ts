import { randomBytes } from 'node:crypto';

/** Bytes of chance, before the owner: an owner has 16 letters at most, and a tunnel's secret 32 bytes. */
const chance = 16;
const length = 32;

/** Says who holds a turn, as base64 of 32 bytes: no two are equal, and each renewal makes another. */
export function newStamp(owner: string): string {
  const bytes = Buffer.alloc(length, ' ');
  randomBytes(chance).copy(bytes);
  bytes.write(owner, chance);
  return bytes.toString('base64');
}

/** The owner that a stamp names; empty where it is none. */
export function ownerInStamp(stamp: string): string {
  const name = Buffer.from(stamp, 'base64').subarray(chance).toString().trim();
  return /^[a-z][a-z0-9-]*$/.test(name) ? name : '';
}
