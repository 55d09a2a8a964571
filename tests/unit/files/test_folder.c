/* Outputs are whole or absent: commits, refusals, full disks, dead processes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "files/folder.h"

static char root[64];

/* Stands before the C library's: a file system that cannot exchange two names. */
static int cannot_exchange;

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
  if (cannot_exchange && flags) {
    errno = EINVAL;
    return -1;
  }
  return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/* root/name, in one of a few static places. */
static const char *in_root(const char *name) {
  static char path[4][256];
  static int next;
  char *to = path[next++ % 4];
  (void)snprintf(to, sizeof path[0], "%s/%s", root, name);
  return to;
}

static int set_up(void **state) {
  (void)state;
  (void)strcpy(root, "/tmp/misstep-folder-XXXXXX");
  return !mkdtemp(root);
}

static int tear_down(void **state) {
  (void)state;
  char command[128];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
  return system(command);
}

/* Entries of root, all of them. */
static int n_entries(void) {
  DIR *dir = opendir(root);
  int n = -2;
  while (readdir(dir)) n++;
  (void)closedir(dir);
  return n;
}

static void expect_content(const char *path, const char *want) {
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_file_read(path, 1000, &bytes, &n), MST_OK);
  assert_string_equal(bytes, want);
  assert_int_equal(n, strlen(want));
  mst_free(bytes);
}

static void write_model(const char *path, int force, const char *content) {
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(path, 1, force, &output), MST_OK);
  assert_int_equal(mst_output_write(output, "manifest.json", content, strlen(content)), MST_OK);
  assert_int_equal(mst_output_write(output, "trees/idf.npy", content, strlen(content)), MST_OK);
  assert_int_equal(mst_output_commit(output), MST_OK);
  mst_output_close(output);
}

static void an_empty_name_is_refused(void **state) {
  (void)state;
  mst_output *output = NULL;
  assert_int_equal(mst_output_open("", 0, 0, &output), MST_E_ARG);
  assert_null(output);
  mst_output_close(NULL);
}

static void a_folder_appears_whole(void **state) {
  (void)state;
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("model/"), 1, 0, &output), MST_OK);
  assert_int_equal(mst_output_write(output, "a/b/c.txt", "c", 1), MST_OK);
  assert_int_equal(mst_output_write(output, "../x", "c", 1), MST_E_ARG);
  assert_int_equal(mst_output_write(output, "/x", "c", 1), MST_E_ARG);
  assert_true(access(in_root("model"), F_OK) != 0);
  assert_int_equal(mst_output_commit(output), MST_OK);
  expect_content(in_root("model/a/b/c.txt"), "c");
  assert_int_equal(mst_output_commit(output), MST_E_STATE);
  assert_int_equal(mst_output_write(output, "x", "c", 1), MST_E_STATE);
  mst_output_close(output);
  assert_int_equal(n_entries(), 1);
}

static void a_file_appears_whole(void **state) {
  (void)state;
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("x.csv"), 0, 0, &output), MST_OK);
  FILE *file = fopen(mst_output_path(output), "w");
  assert_non_null(file);
  assert_true(fputs("a,b\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(mst_output_commit(output), MST_OK);
  mst_output_close(output);
  expect_content(in_root("x.csv"), "a,b\n");
  struct stat s;
  assert_int_equal(stat(in_root("x.csv"), &s), 0);
  assert_int_equal(s.st_mode & 0400, 0400);
  assert_int_equal(n_entries(), 1);
}

static void what_exists_is_kept_without_force(void **state) {
  (void)state;
  write_model(in_root("model"), 0, "old");
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("model"), 1, 0, &output), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--force"));
  assert_int_equal(mst_output_open(in_root("model"), 0, 1, &output),
                   MST_E_ARG); /* file over folder */
  assert_int_equal(mst_output_open(in_root("model/manifest.json"), 1, 1, &output), MST_E_ARG);
  assert_int_equal(mst_output_open("/dev/null", 0, 1, &output), MST_E_ARG);
  assert_int_equal(mst_output_open(in_root("no/such/parent"), 1, 0, &output), MST_E_IO);
  assert_null(output);
  expect_content(in_root("model/manifest.json"), "old");
}

static void force_replaces_models_only(void **state) {
  (void)state;
  write_model(in_root("model"), 0, "old");
  write_model(in_root("model"), 1, "new");
  expect_content(in_root("model/trees/idf.npy"), "new");
  assert_int_equal(n_entries(), 1);
  assert_int_equal(mkdir(in_root("home"), 0777), 0);
  write_model(in_root("home"), 1, "in an empty folder");
  assert_int_equal(unlink(in_root("home/manifest.json")), 0);
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("home"), 1, 1, &output), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "manifest.json"));
  assert_int_equal(symlink("model", in_root("link")), 0);
  write_model(in_root("link"), 1, "through a link");
  expect_content(in_root("model/manifest.json"), "through a link");
}

static void without_exchange_it_takes_two_steps(void **state) {
  (void)state;
  cannot_exchange = 1;
  write_model(in_root("model"), 0, "old");
  write_model(in_root("model"), 1, "new");
  cannot_exchange = 0;
  expect_content(in_root("model/manifest.json"), "new");
  assert_int_equal(n_entries(), 1);
}

/* A name that somebody takes while the work runs is not overwritten. */
static void a_name_taken_meanwhile_is_kept(void **state) {
  (void)state;
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("m"), 1, 0, &output), MST_OK);
  assert_int_equal(mkdir(in_root("m"), 0777), 0);
  assert_int_equal(mst_output_commit(output), MST_E_ARG);
  mst_output_close(output);
  assert_int_equal(n_entries(), 1);
}

static void closing_and_abandoning_leave_nothing(void **state) {
  (void)state;
  mst_output *output[3] = {NULL};
  for (int i = 0; i < 3; i++) {
    char name[2] = {(char)('a' + i), 0};
    assert_int_equal(mst_output_open(in_root(name), i != 1, 0, &output[i]), MST_OK);
  }
  assert_int_equal(mst_output_write(output[0], "x/y", "1", 1), MST_OK);
  assert_int_equal(n_entries(), 3);
  mst_output_close(output[0]);
  assert_int_equal(n_entries(), 2);
  mst_output_abandon_all();
  assert_int_equal(n_entries(), 0);
  assert_int_equal(mst_output_commit(output[1]), MST_E_STATE);
  mst_output_close(output[1]);
  mst_output_close(output[2]);
}

/* A killed process' leftovers go with the next output, a living process' work stays. */
static void leftovers_of_the_dead_are_removed(void **state) {
  (void)state;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  const pid_t child = fork();
  if (!child) {
    mst_output *output = NULL;
    if (mst_output_open(in_root("model"), 1, 0, &output)) _exit(1);
    if (mst_output_write(output, "a/b", "half", 4)) _exit(1);
    if (write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) (void)pause();
  }
  char byte;
  assert_int_equal(read(ready[0], &byte, 1), 1);
  (void)close(ready[0]);
  (void)close(ready[1]);
  write_model(in_root("other"), 0, "x");
  assert_int_equal(n_entries(), 2); /* the child lives */
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_int_equal(n_entries(), 2);
  write_model(in_root("third"), 0, "x");
  assert_int_equal(n_entries(), 2); /* other and third */
}

/* kill -9 at random moments of replacing a model: there is always one, and it is whole. */
static void a_kill_leaves_old_or_new(void **state) {
  (void)state;
  write_model(in_root("model"), 0, "0");
  for (int i = 1; i <= 40; i++) {
    const pid_t child = fork();
    if (!child) {
      for (int n = 0;; n++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d-%d", i, n);
        write_model(in_root("model"), 1, text);
      }
    }
    (void)usleep((useconds_t)(i * 397 % 9000));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    char *a = NULL, *b = NULL;
    size_t n = 0;
    assert_int_equal(mst_file_read(in_root("model/manifest.json"), 100, &a, &n), MST_OK);
    assert_int_equal(mst_file_read(in_root("model/trees/idf.npy"), 100, &b, &n), MST_OK);
    assert_string_equal(a, b);
    mst_free(a);
    mst_free(b);
  }
  write_model(in_root("last"), 0, "x");
  assert_int_equal(n_entries(), 2);
}

/* A file size limit stands for the full disk: writes stop in the middle, with the system's
 * words. */
static void a_full_disk_is_reported(void **state) {
  (void)state;
  write_model(in_root("model"), 0, "old");
  static char big[100000];
  (void)signal(SIGXFSZ, SIG_IGN);
  struct rlimit old, low;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  low = old;
  low.rlim_cur = 50000;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
  mst_output *output = NULL;
  assert_int_equal(mst_output_open(in_root("model"), 1, 1, &output), MST_OK);
  assert_int_equal(mst_output_write(output, "a/big.bin", big, sizeof big), MST_E_IO);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  assert_non_null(strstr(mst_error_last()->message, "/model/a/big.bin: File too large"));
  mst_output_close(output);
  expect_content(in_root("model/manifest.json"), "old");
  assert_int_equal(n_entries(), 1);
}

static mst_status model_call(void *payload) {
  (void)payload;
  mst_output *output = NULL;
  mst_status st = mst_output_open(in_root("model"), 1, 1, &output);
  if (st) assert_null(output);
  if (!st) st = mst_output_write(output, "manifest.json", "new", 3);
  if (!st) st = mst_output_commit(output);
  mst_output_close(output);
  return st;
}

static void no_memory_at_any_point(void **state) {
  (void)state;
  write_model(in_root("model"), 0, "old");
  assert_true(fail_every_alloc(model_call, NULL) >= 5);
  expect_content(in_root("model/manifest.json"), "new");
  assert_int_equal(n_entries(), 1);
}

static void whole_files(void **state) {
  (void)state;
  char hex[65];
  mst_sha256(NULL, 0, hex);
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  mst_sha256("abc", 3, hex);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_model(in_root("model"), 0, "abc");
  char hex2[65];
  assert_int_equal(mst_sha256_file(in_root("model/manifest.json"), hex2), MST_OK);
  assert_string_equal(hex, hex2);
  assert_int_equal(mst_sha256_file(in_root("absent"), hex2), MST_E_IO);
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_file_read(in_root("model/manifest.json"), 2, &bytes, &n), MST_E_LIMIT);
  assert_int_equal(mst_file_read("/dev/zero", 2, &bytes, &n), MST_E_IO);
  assert_int_equal(mkfifo(in_root("pipe"), 0666), 0);
  assert_int_equal(mst_file_read(in_root("pipe"), 2, &bytes, &n), MST_E_IO); /* and no waiting */
  assert_null(bytes);
}

#define IN_ROOT(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_ROOT(an_empty_name_is_refused),
      IN_ROOT(a_folder_appears_whole),
      IN_ROOT(a_file_appears_whole),
      IN_ROOT(what_exists_is_kept_without_force),
      IN_ROOT(force_replaces_models_only),
      IN_ROOT(without_exchange_it_takes_two_steps),
      IN_ROOT(a_name_taken_meanwhile_is_kept),
      IN_ROOT(closing_and_abandoning_leave_nothing),
      IN_ROOT(leftovers_of_the_dead_are_removed),
      IN_ROOT(a_kill_leaves_old_or_new),
      IN_ROOT(a_full_disk_is_reported),
      IN_ROOT(no_memory_at_any_point),
      IN_ROOT(whole_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
