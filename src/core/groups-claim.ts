/** The claim by which Access learns a person's groups. Nothing else maps to it, or Access would merge both lists. */
export const groupsClaim = 'gates_groups';
