// Loaded into the daemon before it: its calendar is ahead by what a file says, read anew on SIGUSR2. Timers and the
// monotonic clock go on as they are, as on a machine that slept.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let ahead = 0;
const read = () => {
  ahead = Number(readFileSync(String(process.env.GATES_TEST_CLOCK), 'utf8'));
};
read();
process.on('SIGUSR2', read);

globalThis.Date = /** @type {DateConstructor} */ (
  class ShiftedDate extends RealDate {
    /** @param {[]} given */
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + ahead);
      else super(...given);
    }

    /** @override */
    static now() {
      return RealDate.now() + ahead;
    }

    /**
     * @override
     * @param {unknown} value
     */
    static [Symbol.hasInstance](value) {
      return RealDate[Symbol.hasInstance].call(RealDate, value);
    }
  }
);
