/** The key of the policy that covers use, and of the service token that it admits: that of our checks. */
export const probeKey = 'probe';
