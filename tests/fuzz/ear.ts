// Waits for whoever was spoken to: until something came from there, or for as long as silence says something.

export class Ear {
  #wake: (() => void) | undefined;

  /** Something came: bytes, or the end. */
  heard(): void {
    this.#wake?.();
  }

  /** @param quietMs how long nothing is waited for */
  async listen(quietMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, quietMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
