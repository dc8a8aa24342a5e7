/** The claim by which Access learns of somebody's groups; no other mapping says it, or both lists would come merged. */
export const groupsClaim = 'gates_groups';
