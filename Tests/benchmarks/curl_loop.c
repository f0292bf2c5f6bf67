// curl_loop URL LANES PAGES BODY: what libcurl costs and nothing else. Each lane is a thread with one
// easy handle that posts BODY, whose one %ld is the page's number, and counts the bytes that come.
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *url, *body;
static long lanes, pages;

static size_t count(char *bytes, size_t size, size_t number, void *total) {
    (void)bytes;
    *(size_t *)total += size * number;
    return size * number;
}

static void *lane(void *argument) {
    size_t total = 0;
    char text[512];
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, count);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &total);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    for (long page = (long)argument; page <= pages; page += lanes) {
        snprintf(text, sizeof text, body, page);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, text);
        CURLcode status = curl_easy_perform(handle);
        if (status != CURLE_OK) {
            fprintf(stderr, "curl_loop: %s\n", curl_easy_strerror(status));
            exit(1);
        }
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
    return (void *)total;
}

int main(int count, char **arguments) {
    pthread_t threads[256];
    size_t total = 0;
    if (count != 5 || (lanes = atol(arguments[2])) < 1 || lanes > 256) {
        return 64;
    }
    url = arguments[1];
    pages = atol(arguments[3]);
    body = arguments[4];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (long index = 0; index < lanes; index++) {
        pthread_create(&threads[index], NULL, lane, (void *)(index + 1));
    }
    for (long index = 0; index < lanes; index++) {
        void *bytes;
        pthread_join(threads[index], &bytes);
        total += (size_t)bytes;
    }
    printf("%zu\n", total);
    return 0;
}
