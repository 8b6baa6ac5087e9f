export const pending = async () => [];
export const flush = async () => {};
