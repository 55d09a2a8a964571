/* The emulator's environment variables, read once. A value it cannot read ends the process:
 * silence would hide it.
 */
#include "emu.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static u64 number(const char *name, const char *text, u64 fallback) {
  char *end = NULL;
  if (!text) return fallback;
  const u64 value = strtoull(text, &end, 10);
  if (!*text || *end) {
    fprintf(stderr, "emu: %s=%s is not a number\n", name, text);
    _exit(EMU_EXIT);
  }
  return value;
}

static u64 from_environment(const char *name, u64 fallback) {
  return number(name, getenv(name), fallback);
}

/* word, or random:SEED */
static bool is_random(const char *name, u64 *seed, const char *words, int *choice) {
  const char *text = getenv(name);
  *choice = 0;
  if (!text || !*text) return false;
  if (!strncmp(text, "random", 6)) {
    *seed += number(name, text[6] == ':' ? text + 7 : NULL, 1);
    return true;
  }
  for (const char *word = words; *word; word += strlen(word) + 1, ++*choice) {
    if (!strcmp(text, word)) return false;
  }
  fprintf(stderr, "emu: %s=%s: unknown word\n", name, text);
  _exit(EMU_EXIT);
}

const emu_settings *emu_get_settings(void) {
  static emu_settings settings;
  static bool done;
  int choice;
  if (done) return &settings;
  settings.random = is_random("MST_EMU_SCHEDULE", &settings.seed, "inorder\0", &choice);
  const bool any = is_random("MST_EMU_ASYNC", &settings.seed, "now\0late\0", &choice);
  settings.async = any ? EMU_RANDOM : choice == 1 ? EMU_LATE : EMU_NOW;
  settings.preempt = (u32)from_environment("MST_EMU_PREEMPT", 0);
  settings.steps = from_environment("MST_EMU_STEPS", (u64)1 << 28);
  settings.devices = (int)from_environment("MST_EMU_DEVICES", 1);
  if (settings.devices > EMU_DEVICES) settings.devices = EMU_DEVICES;
  settings.driver = (int)from_environment("MST_EMU_DRIVER", 13000);
  settings.memory = from_environment("MST_EMU_MEMORY", (u64)16 << 30);
  settings.lose = from_environment("MST_EMU_LOSE", 0);
  settings.leaks = from_environment("MST_EMU_LEAKS", 1) != 0;
  settings.count = getenv("MST_EMU_COUNT");
  done = true;
  return &settings;
}
