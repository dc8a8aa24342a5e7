import { playPart } from './suite.ts';

// With an interlock and no order of the planner.
playPart(0, 1, true);
