import { vi } from 'vitest';
import { lateMoves } from './late-moves.ts';

// Before anything reads it.
vi.hoisted(() => {
  process.env.GATES_LAG ||= '5000';
});

lateMoves('5 s late');
