/** Work under a lock, and its end. */

/** Does the work and gives up the lock. One that cannot be removed is told, unless the work has failed: that matters more. */
export async function thenRelease<T>(
  lock: { release(): Promise<void> } | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let done: T
  try {
    done = await work()
  } catch (error) {
    await lock?.release().catch(() => undefined)
    throw error
  }
  await lock?.release()
  return done
}
