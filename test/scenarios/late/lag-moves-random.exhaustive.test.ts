import { vi } from 'vitest';
import { lateMoves } from './late-moves.ts';

// Before anything reads it.
vi.hoisted(() => {
  process.env.GATES_LAG ||= 'random';
});

lateMoves('up to 30 s late');
