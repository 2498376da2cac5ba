/* SPDX-License-Identifier: MIT */
/* mutants [-c COPIES] [-j JOBS] [-k FOLDER] CAPTURE...: damages each capture in each way
 * (../fuzz/mutate_capture.h), COPIES times, and checks the invariants of their conversion
 * (../fuzz/invariants.h), and of up to 16 of them converted together. Prints a test for each
 * capture and a table of the ways; what fails is kept in FOLDER, by its name CAPTURE-WAY-NUMBER.
 * A capture has a process of its own, which is begun again behind a copy that ended it. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "invariants.h"
#include "mutate_capture.h"

enum {
    COPIES = 4,
    JOBS_MAX = 64,
    TOGETHER = 16,
    FAULTS_MAX = 5, /* of a capture; then it is given up */
    TIMEOUT_S = 120,
    ROOM_BYTES = 1 << 20, /* of a copy, beside three times its capture */
};

static const char *const usage = "usage: mutants [-c COPIES] [-j JOBS] [-k FOLDER] CAPTURE...\n";

struct capture {
    const char *path;
    const char *name; /* folder-file, since two captures may have one name */
    struct p2i_view bytes;
};

static struct {
    unsigned copies, jobs;
    const char *folder;
    struct capture *captures;
    size_t capture_count;
} run = {.copies = COPIES, .jobs = 1, .folder = "."};

/* Where a process is, and what it has counted: shared with the first process. `way`
 * MUTATION_COUNT: copies together. */
struct job {
    pid_t process; /* 0: none */
    const struct capture *capture;
    unsigned way, copy, faults;
    struct ways {
        uint64_t copies, frames, records, damaged, peak_bytes;
        double seconds;
    } ways[MUTATION_COUNT + 1];
    char fault[1024];
};

static struct job *jobs;
static struct ways sums[MUTATION_COUNT + 1];
static bool failed;

static void require(bool good)
{
    if (!good) {
        perror("mutants");
        exit(2);
    }
}

/* ---- Copies ------------------------------------------------------------------------------ */

/* The caller frees the bytes. */
static struct p2i_view make_copy(const struct capture *capture, unsigned way, unsigned copy)
{
    struct p2i_view path = p2i_view_of(capture->name, strlen(capture->name));
    uint64_t seed = p2i_mix(p2i_hash_bytes(path), copy * UINT64_C(1000) + way);
    const struct capture *other = &run.captures[seed % run.capture_count];
    size_t most = ROOM_BYTES + 3 * capture->bytes.size;
    uint8_t *bytes = malloc(most);
    require(bytes != NULL);
    size_t size = mutate_capture_as(way, capture->bytes, other->bytes, seed, bytes, most);
    uint8_t *fitting = realloc(bytes, size > 0 ? size : 1);
    require(fitting != NULL);
    return p2i_view_of(fitting, size);
}

/* Of the copies that are converted together: the first of each way, as many as there are. */
static size_t make_together(const struct capture *capture, struct p2i_view *copies)
{
    size_t count = 0;
    for (unsigned way = 0; way < MUTATION_COUNT && count < TOGETHER; way++) {
        copies[count++] = make_copy(capture, way, 0);
    }
    return count;
}

static double processor_time(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* In the process of the job. Ends it where an invariant is broken. */
static void check(struct job *job, const struct p2i_view *copies, size_t count)
{
    struct invariants_counts counts;
    struct ways *ways = &job->ways[job->way];
    unsigned parts = INVARIANTS_THREADS | (p2i_hash_bytes(copies[0]) & INVARIANTS_ALL);
    double begun = processor_time();
    (void)alarm(TIMEOUT_S);
    const char *fault = invariants_check(copies, count, parts, &counts);
    (void)alarm(0);
    ways->copies += count;
    ways->frames += counts.frames;
    ways->records += counts.records;
    ways->damaged += counts.damaged;
    ways->peak_bytes = counts.peak_bytes > ways->peak_bytes ? counts.peak_bytes : ways->peak_bytes;
    ways->seconds += processor_time() - begun;
    if (fault != NULL) {
        (void)snprintf(job->fault, sizeof job->fault, "%s", fault);
        _exit(1);
    }
}

static void work(struct job *job)
{
    for (; job->way < MUTATION_COUNT; job->way++, job->copy = 0) {
        for (; job->copy < run.copies; job->copy++) {
            struct p2i_view copy = make_copy(job->capture, job->way, job->copy);
            check(job, &copy, 1);
            free((void *)(uintptr_t)copy.data);
        }
    }
    struct p2i_view together[TOGETHER];
    size_t count = make_together(job->capture, together);
    check(job, together, count);
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)together[i].data);
    }
}

/* ---- Processes --------------------------------------------------------------------------- */

static void start(struct job *job)
{
    (void)fflush(stdout);
    pid_t process = fork();
    require(process >= 0);
    if (process == 0) {
        work(job);
        exit(0);
    }
    job->process = process;
}

static void keep(const struct job *job)
{
    char path[4096];
    bool together = job->way == MUTATION_COUNT;
    (void)mkdir(run.folder, 0777);
    for (unsigned way = together ? 0 : job->way; way <= job->way && way < MUTATION_COUNT; way++) {
        struct p2i_view copy = make_copy(job->capture, way, job->copy);
        (void)snprintf(path, sizeof path, "%s/%s-%s-%u", run.folder, job->capture->name,
                       mutation_name(way), job->copy);
        FILE *file = fopen(path, "wb");
        require(file != NULL && fwrite(copy.data, 1, copy.size, file) == copy.size);
        (void)fclose(file);
        free((void *)(uintptr_t)copy.data);
    }
}

static void report_fault(struct job *job, int status)
{
    const char *way = job->way < MUTATION_COUNT ? mutation_name(job->way) : "together";
    printf("%s-%s-%u: ", job->capture->name, way, job->copy);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        printf("no end in %d s\n", TIMEOUT_S);
    } else if (WIFSIGNALED(status)) {
        printf("signal %d\n", WTERMSIG(status));
    } else {
        printf("%s\n", job->fault[0] != '\0' ? job->fault : "ended by a sanitizer");
    }
    job->fault[0] = '\0';
}

/* A process has ended. True: so has its capture. */
static bool has_ended(struct job *job, int status)
{
    bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool together = job->way == MUTATION_COUNT;
    if (!done) {
        report_fault(job, status);
        keep(job);
        job->faults++;
        job->copy++;
    }
    if (!done && !together && job->faults < FAULTS_MAX) {
        start(job);
        return false;
    }
    uint64_t copies = 0;
    for (size_t way = 0; way <= MUTATION_COUNT; way++) {
        const struct ways *ways = &job->ways[way];
        sums[way].copies += ways->copies;
        sums[way].frames += ways->frames;
        sums[way].records += ways->records;
        sums[way].damaged += ways->damaged;
        sums[way].seconds += ways->seconds;
        if (ways->peak_bytes > sums[way].peak_bytes) {
            sums[way].peak_bytes = ways->peak_bytes;
        }
        copies += way < MUTATION_COUNT ? ways->copies : 0;
    }
    failed = failed || job->faults > 0;
    printf("%s - %s, %" PRIu64 " copies\n", job->faults > 0 ? "not ok" : "ok", job->capture->name,
           copies);
    job->process = 0;
    return true;
}

static void run_all(void)
{
    size_t next = 0;
    size_t running = 0;
    while (next < run.capture_count || running > 0) {
        for (size_t i = 0; i < run.jobs && next < run.capture_count; i++) {
            if (jobs[i].process == 0) {
                jobs[i] = (struct job){.capture = &run.captures[next++]};
                start(&jobs[i]);
                running++;
            }
        }
        int status;
        pid_t process = wait(&status);
        require(process > 0);
        for (size_t i = 0; i < run.jobs; i++) {
            if (jobs[i].process == process && has_ended(&jobs[i], status)) {
                running--;
                break;
            }
        }
    }
}

static void print_ways(void)
{
    printf("# %-12s %9s %11s %10s %9s %9s %9s\n", "way", "copies", "frames", "records", "damaged",
           "peak MiB", "CPU s");
    for (unsigned way = 0; way <= MUTATION_COUNT; way++) {
        const struct ways *ways = &sums[way];
        printf("# %-12s %9" PRIu64 " %11" PRIu64 " %10" PRIu64 " %9" PRIu64 " %9.1f %9.1f\n",
               way < MUTATION_COUNT ? mutation_name(way) : "together", ways->copies, ways->frames,
               ways->records, ways->damaged, (double)ways->peak_bytes / (1 << 20), ways->seconds);
    }
}

/* ---- Arguments --------------------------------------------------------------------------- */

static struct capture read_capture(const char *path)
{
    const char *file = strrchr(path, '/');
    const char *folder = file;
    while (folder != NULL && folder > path && folder[-1] != '/') {
        folder--;
    }
    char *name = strdup(folder != NULL ? folder : path);
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    require(name != NULL && descriptor >= 0 && fstat(descriptor, &status) == 0);
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '/' ? '-' : *at;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    require(bytes != NULL && read(descriptor, bytes, size) == (ssize_t)size);
    (void)close(descriptor);
    return (struct capture){path, name, p2i_view_of(bytes, size)};
}

static bool read_arguments(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "c:j:k:")) >= 0) {
        if (option == 'c') {
            run.copies = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'j') {
            run.jobs = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'k') {
            run.folder = optarg;
        } else {
            return false;
        }
    }
    run.capture_count = (size_t)(argc - optind);
    run.captures = calloc(run.capture_count + 1, sizeof *run.captures);
    require(run.captures != NULL);
    for (size_t i = 0; i < run.capture_count; i++) {
        run.captures[i] = read_capture(argv[optind + (int)i]);
    }
    return run.capture_count > 0 && run.jobs > 0 && run.jobs <= JOBS_MAX;
}

int main(int argc, char **argv)
{
    if (!read_arguments(argc, argv)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    jobs = mmap(NULL, run.jobs * sizeof *jobs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    require(jobs != MAP_FAILED);
    run_all();
    print_ways();
    for (size_t i = 0; i < run.capture_count; i++) {
        free((void *)(uintptr_t)run.captures[i].name);
        free((void *)(uintptr_t)run.captures[i].bytes.data);
    }
    free(run.captures);
    return failed ? 1 : 0;
}
