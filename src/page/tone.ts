/** The importance of a text: it decides the color, never the words. */
export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'quiet';
