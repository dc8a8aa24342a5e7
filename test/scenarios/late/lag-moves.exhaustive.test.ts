import { vi } from 'vitest';
import { lateMoves } from './late-moves.ts';

// The lag must be set before any module reads it.
vi.hoisted(() => {
  process.env.GATES_LAG ||= '5000';
});

lateMoves('5 s late');
