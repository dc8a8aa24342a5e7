import { hostname, userInfo } from 'node:os';

/** The person who gives a command, `ada on vm`; with sudo, the person behind it. */
export function whoAsks(): string {
  return `${userName()} on ${hostname()}`;
}

/** The same as an address, `ada@vm`. */
export function addressOfWhoAsks(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  return process.env.SUDO_USER || nameOfUser();
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in containers.
    return `user ${process.getuid?.()}`;
  }
}
