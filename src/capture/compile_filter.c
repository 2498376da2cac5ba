/* SPDX-License-Identifier: MIT */
#include "capture/compile_filter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SNAPLEN = 262144, /* returned by matching programs; any value but 0 would do */
    ASK_MS = 200,     /* at most this long between two checks for a stop */
    NS_PER_MS = 1000000,
    NS_PER_S = 1000000000,
};

/* Owned by the waiting caller, and by the thread once the caller has given up. */
struct job {
    pthread_mutex_t lock; /* protects done and left */
    pthread_cond_t ended;
    bool done;
    bool left; /* the caller has given up */
    char *expression;
    int dlt;
    enum p2i_result result;
    struct bpf_program code;
    struct p2i_error error;
};

static enum p2i_result compile(struct bpf_program *code, const char *expression, int dlt,
                               struct p2i_error *error)
{
    pcap_t *dead = pcap_open_dead(dlt, SNAPLEN);
    if (dead == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = P2I_OK;
    if (pcap_compile(dead, code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        result = p2i_fail(error, P2I_USAGE, "cannot compile the filter: %s", pcap_geterr(dead));
    }
    pcap_close(dead);
    return result;
}

static void free_job(struct job *job)
{
    (void)pthread_cond_destroy(&job->ended);
    (void)pthread_mutex_destroy(&job->lock);
    free(job->expression);
    free(job);
}

static void *work(void *argument)
{
    struct job *job = argument;
    job->result = compile(&job->code, job->expression, job->dlt, &job->error);
    pthread_mutex_lock(&job->lock);
    bool left = job->left;
    job->done = true;
    pthread_cond_signal(&job->ended);
    pthread_mutex_unlock(&job->lock);
    if (left) {
        if (job->result == P2I_OK) {
            pcap_freecode(&job->code);
        }
        free_job(job);
    }
    return NULL;
}

static struct job *new_job(const char *expression, int dlt)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&job->ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&job->lock, NULL);
    job->dlt = dlt;
    job->expression = strdup(expression);
    return job;
}

/* False: stopped; the thread owns the job now. */
static bool wait_for(struct job *job, const struct p2i_capture_settings *settings)
{
    pthread_mutex_lock(&job->lock);
    while (!job->done && !job->left) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)ASK_MS * NS_PER_MS;
        until.tv_sec += until.tv_nsec / NS_PER_S;
        until.tv_nsec %= NS_PER_S;
        (void)pthread_cond_timedwait(&job->ended, &job->lock, &until);
        job->left = !job->done && settings->is_stopped(settings->stop_context);
    }
    bool left = job->left;
    pthread_mutex_unlock(&job->lock);
    return !left;
}

enum p2i_result p2i_compile_filter(struct bpf_program *code, const char *expression, int dlt,
                                   const struct p2i_capture_settings *settings,
                                   struct p2i_error *error)
{
    pthread_t thread;
    struct job *job = settings->is_stopped != NULL ? new_job(expression, dlt) : NULL;
    bool started =
        job != NULL && job->expression != NULL && pthread_create(&thread, NULL, work, job) == 0;
    if (!started) {
        if (job != NULL) {
            free_job(job);
        }
        return compile(code, expression, dlt, error);
    }
    if (!wait_for(job, settings)) {
        (void)pthread_detach(thread);
        return P2I_END;
    }
    (void)pthread_join(thread, NULL);
    enum p2i_result result = job->result;
    if (result == P2I_OK) {
        *code = job->code;
    } else {
        *error = job->error;
    }
    free_job(job);
    return result;
}
