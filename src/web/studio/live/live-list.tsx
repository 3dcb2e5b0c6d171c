/** The newest generations, live. */
export const LiveList = () => null;
